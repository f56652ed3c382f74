{{/*
Who is there, what each speaks, whom it calls, and what lies outside that it reaches. Services, probes and NetworkPolicies
are all made from this table; nothing else is open.
*/}}
{{- define "medley.table" -}}
gateway:
  ports: { http: 8008, metrics: 9090 }
  calls:
    { metadata: [grpc], storage: [grpc, data], thumbnail: [grpc], url-preview: [grpc], federation-fetch: [grpc]
    {{- if .Values.contentScanner.enabled }}, content-scanner: [grpc]{{ end }} }
  reaches: [homeservers, telemetry]
metadata:
  ports: { grpc: 50051, metrics: 9090 }
  calls: {}
  reaches: [mongodb, telemetry]
storage:
  ports: { grpc: 50051, data: 8081, metrics: 9090 }
  calls: {}
  reaches: [s3, telemetry]
thumbnail:
  ports: { grpc: 50051, metrics: 9090 }
  calls: { storage: [grpc, data] }
  reaches: [telemetry]
url-preview:
  ports: { grpc: 50051, metrics: 9090 }
  calls: { storage: [grpc, data] }
  reaches: [internet, telemetry]
federation-fetch:
  ports: { grpc: 50051, metrics: 9090 }
  calls: { storage: [grpc, data] }
  reaches: [internet, telemetry]
{{- if .Values.contentScanner.enabled }}
content-scanner:
  ports: { grpc: 50051, metrics: 9090 }
  calls: {}
  reaches: [clamd, telemetry]
{{- end }}
{{- end }}

{{/* The same for what runs now and then. */}}
{{- define "medley.jobTable" -}}
maintenance:
  ports: {}
  calls: { metadata: [grpc], storage: [grpc] }
  reaches: []
setup:
  ports: {}
  calls: {}
  reaches: [mongodb, s3]
helm-test:
  ports: {}
  calls: { gateway: [http] }
  reaches: []
{{- end }}
