/** The answer to a login that waits: the careful one first. */
export function ApproveOrDeny() {
  return (
    <div class="actions field">
      <button class="refuse" type="submit" name="decision" value="deny">
        Deny
      </button>
      <button class="primary" type="submit" name="decision" value="approve">
        Approve
      </button>
    </div>
  );
}
