import type { WebhookConfig } from '@medley/config/webhook';
import type { Meter } from '@medley/telemetry/metrics';
import { WebhookSender, type WebhookSenderOptions } from './webhook-sender.ts';

/** All who are told of moderation acts, each at its own pace. */
export class Webhooks {
  readonly senders: readonly WebhookSender[];

  constructor(webhooks: readonly WebhookConfig[], options: WebhookSenderOptions) {
    this.senders = webhooks.map((webhook) => new WebhookSender(webhook, options));
  }

  /** Says that something has happened. */
  ring(): void {
    for (const sender of this.senders) sender.ring();
  }

  /** Lets posts under way end for at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.senders.map((sender) => sender.stop(graceMs)));
  }
}

/** Shows how well each is told. */
export function observeWebhooks(meter: Meter, { senders }: Webhooks): void {
  const count = (name: string, description: string, read: (sender: WebhookSender) => number): void => {
    meter.createObservableCounter(name, { description }).addCallback((counter) => {
      for (const sender of senders) counter.observe(read(sender), { webhook: sender.name });
    });
  };
  count('medley.gateway.webhook.delivered', 'Posts that a webhook has taken', ({ delivered }) => delivered);
  count('medley.gateway.webhook.failed', 'Posts that a webhook has not taken; they are sent again', ({ failed }) => failed);
  meter
    .createObservableGauge('medley.gateway.webhook.behind', { description: 'Changes that a webhook has not been told of, at the gateway that tells it' })
    .addCallback((gauge) => {
      for (const { name, behind } of senders) if (behind !== undefined) gauge.observe(behind, { webhook: name });
    });
}
