/** What QEMU and libvirt have to be told to attach a VM: from the configuration to arguments and XML. */
@NullMarked
package io.ringfence.dataplane.qemu;

import org.jspecify.annotations.NullMarked;
