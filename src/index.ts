/** What a plugin is made of (docs/plugins.md). */
export type { Credential, SecretFile } from './core/credential.ts';
export { EMPTY_CREDENTIAL } from './core/credential.ts';
export type { ErrorCode } from './core/errors.ts';
export { fail, failAs, hasCode, JitError } from './core/errors.ts';
export type { Notice } from './core/notice.ts';
export type { Approval, ApprovalBackend, Following, Submission } from './core/ports/backend.ts';
export type { Channel, ChannelMessage, Delivered } from './core/ports/channel.ts';
export type { Clock } from './core/ports/clock.ts';
export type { Connector, Handle, IssueOrder, LiveCredential, Removal } from './core/ports/connector.ts';
export type { Outgoing, OutgoingCall } from './core/ports/outgoing.ts';
export type { Asked } from './core/request.ts';
export { Secret } from './core/secret.ts';
export { formatJson, removeHidden } from './core/text.ts';
export type { Instant } from './core/time.ts';
export type * from './core/view.ts';
export * from './plugin/api.ts';
export { isGrantName, nameGrant } from './plugin/handle.ts';
export { openPluginConnector } from './plugin/registry.ts';
