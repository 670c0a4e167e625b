export { Backoff, type BackoffOptions } from './backoff.js';
export { RateLimiter, type Rate } from './rate-limiter.js';
