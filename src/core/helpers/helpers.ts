import { awsHelper } from './aws.ts';
import type { Helper } from './helper.ts';
import { kubernetesHelper } from './kubernetes.ts';

/** Every document that `jit credential` can write: one line each. */
export const HELPERS: readonly Helper[] = [kubernetesHelper, awsHelper];
