package io.ringfence.bench.calibrate;

import io.ringfence.scheduler.CostDistribution;

/** What visits of one shape cost. */
record MeasuredVisit(VisitShape shape, CostDistribution cost) {}
