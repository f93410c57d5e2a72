/** Besides dev, eva and dba-lead: a second reviewer, and somebody on call. */
export const REVIEW_PEOPLE: Readonly<Record<string, readonly string[]>> = {
  guard: ['engineers', 'security'],
  oncall: ['engineers', 'on-call'],
};

/** Writing for longer than half an hour takes two people; `guard` reviews as `dba-lead` does. */
export const REVIEW_POLICY = `
@id("reads") permit (principal in Group::"engineers", action == Action::"activate", resource == Scope::"prod:api.read");
@id("db-reads") permit (principal in Group::"engineers", action == Action::"activate", resource == Scope::"prod:db.read");
@id("writes") permit (principal in Group::"engineers", action == Action::"request", resource == Scope::"prod:db.write");
@id("long-writes") @approvals("2")
permit (principal in Group::"engineers", action == Action::"request", resource == Scope::"prod:db.write")
when { context.duration_seconds > 1800 };
@id("approving") permit (principal, action == Action::"approve", resource)
when { principal in Group::"dba" || principal in Group::"security" };
@id("revoking") permit (principal in Group::"dba", action == Action::"revoke", resource);
@id("reading") permit (principal in Group::"dba", action == Action::"read", resource);
@id("emergencies") permit (principal in Group::"on-call", action == Action::"break_glass", resource);
`;
