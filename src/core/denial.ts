import type { RequestView } from './view.ts';

/** Who said no and why, in one sentence; what policy said where nobody did. */
export function describeDenial({ decision }: Pick<RequestView, 'decision'>): string {
  const review = decision?.reviews.findLast(({ outcome }) => outcome === 'denied');
  if (review) return review.reason ? `${review.by} says "${review.reason}"` : `by ${review.by}`;
  return decision?.reasons.join('; ') || 'no rule allows it';
}
