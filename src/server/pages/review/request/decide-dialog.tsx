/** Asks once more, for decisions by key from the list. The script fills it in and opens it; without, it stays closed. */
export function DecideDialog({ csrf }: { readonly csrf: string }) {
  return (
    <>
      <dialog id="approve-dialog" aria-labelledby="approve-title">
        <h2 id="approve-title">Approve this?</h2>
        <p class="asked" data-fill="asked" />
        <p class="why soft" data-fill="why" />
        <form method="post">
          <input type="hidden" name="csrf" value={csrf} />
          <input type="hidden" name="digest" value="" />
          <input type="hidden" name="from" value="inbox" />
          <input type="hidden" name="decision" value="approve" />
          <div class="actions">
            <button type="button" data-closes>
              Not yet
            </button>
            <button class="primary" type="submit">
              Approve
            </button>
          </div>
        </form>
      </dialog>
      <dialog id="deny-dialog" aria-labelledby="deny-title">
        <h2 id="deny-title">Deny this?</h2>
        <p class="asked" data-fill="asked" />
        <p class="why soft" data-fill="why" />
        <form method="post">
          <input type="hidden" name="csrf" value={csrf} />
          <input type="hidden" name="digest" value="" />
          <input type="hidden" name="from" value="inbox" />
          <input type="hidden" name="decision" value="deny" />
          <div class="field">
            <label for="deny-dialog-reason">Reason</label>
            <input id="deny-dialog-reason" name="reason" maxlength={1024} autocomplete="off" required />
          </div>
          <div class="actions">
            <button type="button" data-closes>
              Not yet
            </button>
            <button class="refuse" type="submit">
              Deny
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
