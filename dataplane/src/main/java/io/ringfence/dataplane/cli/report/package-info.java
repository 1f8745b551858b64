/** What commands show: the plan of admission, the findings of doctor, the journal, the counters. */
@NullMarked
package io.ringfence.dataplane.cli.report;

import org.jspecify.annotations.NullMarked;
