export { Clinic } from './clinic.js';
export { PlannerEngine } from './planner-engine.js';
