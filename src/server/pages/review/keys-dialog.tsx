const KEYS = [
  ['j', 'the next in the list'],
  ['k', 'the one before'],
  ['Enter', 'open it'],
  ['a', 'approve it; you are asked once more'],
  ['d', 'deny it, with a reason'],
  ['/', 'filter'],
  ['u', 'back to the inbox'],
  ['?', 'this list'],
] as const;

/** What the keys do. Opened by script, which is what makes the keys work. */
export function KeysDialog() {
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <label class="choice" for="keys-on">
        <input type="checkbox" id="keys-on" checked />
        <span>Use these keys in this browser</span>
      </label>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
