export { checkPackage } from './check-package.js';
export { refuses } from './findings.js';
export { hostModules } from './analysis/rules.js';
export { reviewPackage } from './review-package.js';
