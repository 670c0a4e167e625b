#!/usr/bin/env node
// The medigraph command of a checkout: installs and compiles what is missing, then runs.
import '../../scripts/start.mjs';
