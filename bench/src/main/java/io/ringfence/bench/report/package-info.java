/** What benchmarks have in common: alternated rounds, figures with their spread, and reports as text, JSON and HTML. */
@NullMarked
package io.ringfence.bench.report;

import org.jspecify.annotations.NullMarked;
