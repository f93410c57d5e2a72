import { formatDuration } from '../../../core/duration-text.ts';
import { formatInstant } from '../../../core/time.ts';
import type { GrantView, RequestView } from '../../../core/view.ts';
import { actions, type Block, type Button, context, fields, header, section } from './blocks.ts';
import { describeState } from './state-line.ts';

/** What Slack shows where it shows no blocks. Nothing that people wrote is in it: here it would be formatted (S12). */
export type Card = { readonly text: string; readonly blocks: readonly Block[] };

/** The whole request as a message: who asks what, where, for how long, why, how it stands, and what can be done. */
export function buildCard(request: RequestView, grant?: GrantView): Card {
  const { scopes, target, requestedBy, reason, id } = request;
  const urgent = request.breakGlass ? 'BREAK-GLASS: ' : '';
  return {
    text: `${urgent}${id} for ${target}: ${request.state}`,
    blocks: [
      header(`${urgent}${requestedBy} asks for ${scopes.join(', ')} on ${target}`),
      fields(listFields(request)),
      // Labelled: nobody's reason reads as one of our own lines.
      section(`Why: ${reason}`),
      section(describeState(request, grant)),
      ...describeReviews(request),
      actions(listButtons(request)),
    ],
  };
}

function listFields(request: RequestView): readonly (readonly [string, string])[] {
  const { originally, scopes } = request;
  const wasNarrowed =
    originally.durationSeconds !== request.durationSeconds || originally.scopes.length !== scopes.length;
  return [
    ['Who', request.requestedBy],
    ['Target', request.target],
    ['Scopes', scopes.join(', ')],
    ['For', formatDuration(request.durationSeconds)],
    ...(request.ticket === null ? [] : [['Ticket', request.ticket] as const]),
    ...(wasNarrowed
      ? [
          [
            'Asked for',
            `${originally.scopes.join(', ')} for ${formatDuration(originally.durationSeconds)}`,
          ] as const,
        ]
      : []),
    ...(request.extendsGrantId === null ? [] : [['More time for', request.extendsGrantId] as const]),
    ...(request.canApprove.length === 0 ? [] : [['Can approve', request.canApprove.join(', ')] as const]),
    ['Request', request.id],
  ];
}

/** Each review a line, the newest five; and what policy said. */
function describeReviews({ decision }: RequestView): readonly Block[] {
  if (!decision) return [];
  const reviews = decision.reviews.slice(-5).map(({ by, outcome, reason, at }) => {
    const why = reason === null ? '' : `: ${reason}`;
    return `${by} ${outcome} at ${formatInstant(at)}${why}`;
  });
  const reasons = decision.reasons.length === 0 ? [] : [`Policy: ${decision.reasons.join('; ')}`];
  const lines = [...reasons, ...reviews];
  return lines.length === 0 ? [] : [context(lines)];
}

/** The digest goes with the button: what is clicked is what was shown, or nothing (APR-03). */
function listButtons(request: RequestView): readonly Button[] {
  const open: Button = { action: 'open', label: 'Open page', url: request.url };
  if (request.state !== 'pending') return [open];
  const value = `${request.id} ${request.digest}`;
  const scopes = `${request.scopes.join(', ')} on ${request.target}`;
  const text = `${request.requestedBy} gets ${scopes} for ${formatDuration(request.durationSeconds)}.`;
  return [
    {
      action: 'approve',
      label: 'Approve',
      value,
      style: 'primary',
      confirm: { title: 'Approve?', text, yes: 'Approve' },
    },
    { action: 'deny', label: 'Deny', value, style: 'danger' },
    open,
  ];
}
