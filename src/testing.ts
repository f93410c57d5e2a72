/** The contract of each port, as tests that any runner can run (docs/plugins.md). */
export type { BackendSuiteOptions, BackendUnderTest } from './testing/backend.ts';
export { backendSuite } from './testing/backend.ts';
export type { CertificateSubject } from './testing/certificates.ts';
export { certificateSuite } from './testing/certificates.ts';
export type { ChannelUnderTest } from './testing/channel.ts';
export { testChannel as channelSuite } from './testing/channel.ts';
export type { ConnectorLogins, ConnectorSubject, TargetSession } from './testing/connector.ts';
export { connectorLoginSuite, connectorSuite } from './testing/connector.ts';
export type { KeychainUnderTest } from './testing/keychain.ts';
export { testKeychain as keychainSuite } from './testing/keychain.ts';
export type { LockUnderTest } from './testing/lock.ts';
export { testLock as lockSuite } from './testing/lock.ts';
export { peopleStoreSuite } from './testing/people-store.ts';
export { policySuite } from './testing/policy.ts';
export { protocolStoreSuite } from './testing/protocol-store.ts';
export { storeSuite } from './testing/store.ts';
export type { SuiteRunner } from './testing/suite.ts';
