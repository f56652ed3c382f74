/** Carries a MediaErrorReason beside a failing status. */
export const REASON_TRAILER = 'medley-reason';
/** Carries when trying again may help, in milliseconds. */
export const RETRY_AFTER_TRAILER = 'medley-retry-after-ms';
/** gRPC's own: with a negative value the client does not retry (gRFC A6). */
export const PUSHBACK_TRAILER = 'grpc-retry-pushback-ms';
/** What is left of the caller's time when it calls, in milliseconds. */
export const TIMEOUT_HEADER = 'medley-timeout-ms';
/** Ties the log lines of one request together across services. */
export const REQUEST_ID_HEADER = 'medley-request-id';
/** W3C Trace Context: which span of which trace asks. */
export const TRACEPARENT_HEADER = 'traceparent';
