/**
 * The Linux side of the scheduler: system calls (JNA on the control path, foreign functions on the packet path) and the
 * cgroup and proc files. Knows nothing of the package above it; errors are error numbers or {@link
 * io.ringfence.scheduler.linux.CpusetException}.
 */
@NullMarked
package io.ringfence.scheduler.linux;

import org.jspecify.annotations.NullMarked;
