import type { Asked } from '../request.ts';
import type {
  Claimed,
  DecisionView,
  DossierView,
  GrantView,
  InboxView,
  PersonView,
  RequestView,
  RevokedView,
  ScopeView,
  Selection,
  StatusView,
} from '../view.ts';

export type Submission = Asked & {
  /** Sent again unchanged when an answer is lost: the same request is found, never a second one made. */
  readonly idempotencyKey: string;
};

/** `claimed` where policy granted at once. `joined`: it was asked for before, with another key, and may be in use. */
export type Submitted = {
  readonly request: RequestView;
  readonly claimed: Claimed | null;
  readonly joined?: boolean;
};

/** What a reviewer lets through: where given, less than was asked. `digest` is of what was looked at. */
export type Approval = {
  readonly scopes: readonly string[] | null;
  readonly durationSeconds: number | null;
  readonly reason: string | null;
  readonly digest: string;
};

/** What the caller knows of a request already: it waits for something else. */
export type Following = {
  readonly state: RequestView['state'];
  readonly given: number;
  readonly told: number;
  readonly signal?: AbortSignal;
};

/**
 * What the CLI may ask of whatever decides and grants. Every method MUST reject with `unreachable` only after its
 * own retries, with `login_needed` or `session_expired` where a person must act, and with what the server said otherwise.
 */
export interface ApprovalBackend {
  /** For people: where this is. */
  readonly address: string;
  readPerson(): Promise<PersonView>;
  listScopes(): Promise<readonly ScopeView[]>;
  /** What policy would say; changes nothing. */
  preview(asked: Asked): Promise<{ readonly decision: DecisionView; readonly canApprove: readonly string[] }>;
  /** MUST be idempotent by key. */
  submit(submission: Submission): Promise<Submitted>;
  readRequest(id: string): Promise<RequestView>;
  /**
   * Resolves when the request is not in `state` any more, or has another number of approvals `given` or of channels
   * `told`, or at the latest after about 25 s with what it is then.
   */
  follow(id: string, options: Following): Promise<RequestView>;
  /**
   * MUST be repeatable by its holder while the grant lives. `tokenOnly`: the next token under a grant whose tokens are
   * shorter than it is; what was made at the target MUST stay.
   */
  claim(id: string, what?: { readonly tokenOnly?: boolean }): Promise<Claimed>;
  cancel(id: string): Promise<RequestView>;
  /** `timeoutMs`: give up early, for a shell that waits. */
  readStatus(options?: { readonly timeoutMs?: number }): Promise<StatusView>;
  /** One's own, or of the person named, where policy lets one read it. */
  listHistory(limit: number, user?: string): Promise<StatusView>;
  /** What waits for the caller's decision. With `after`: once something changed since that position, or after about 25 s. */
  readInbox(options?: { readonly after?: number; readonly signal?: AbortSignal }): Promise<InboxView>;
  readDossier(id: string): Promise<DossierView>;
  /** Sent again after a lost answer, it finds its own review and changes nothing. */
  approve(id: string, approval: Approval): Promise<RequestView>;
  deny(id: string, reason: string): Promise<RequestView>;
  /** Says of break-glass that happened whether it was right. */
  reviewAfterwards(
    id: string,
    review: { readonly outcome: 'accepted' | 'objected'; readonly reason: string },
  ): Promise<RequestView>;
  /** Live grants that the caller may take away. */
  listRevocable(selection: Selection): Promise<readonly GrantView[]>;
  /** Takes all of them away, and what could become one; resolves with how far it came, as `revoke` does. */
  revokeMany(selection: Selection): Promise<RevokedView>;
  readGrant(id: string): Promise<GrantView>;
  /** The grant is in use at this moment, by its holder. Nothing is noted where the backend keeps no record of use. */
  reportUse(id: string): Promise<GrantView>;
  /**
   * What was delivered could not be kept. `live`: it still is, and `claim` delivers it again. `gone`: nobody could ever
   * have given it back, so it was taken away.
   */
  abandon(claimed: Claimed): Promise<'live' | 'gone'>;
  /** Resolves with how far it came: `revocation.confirmed` MUST be true only when token and target were seen dead. */
  revoke(id: string, because: 'done' | 'revoked'): Promise<GrantView>;
}

/** What of a backend may be a plugin's. */
export type BackendMethods = Omit<ApprovalBackend, 'address' | 'reportUse' | 'abandon'>;
