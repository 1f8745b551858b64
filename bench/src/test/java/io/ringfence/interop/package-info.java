/** Ringfence with front-ends that no one here wrote: DPDK's virtio-user and QEMU guests with a stock Linux kernel. */
@NullMarked
package io.ringfence.interop;

import org.jspecify.annotations.NullMarked;
