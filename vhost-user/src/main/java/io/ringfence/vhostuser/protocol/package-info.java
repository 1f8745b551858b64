/** The vhost-user wire format (QEMU, docs/interop/vhost-user.rst): requests, features, messages and their codec. */
@NullMarked
package io.ringfence.vhostuser.protocol;

import org.jspecify.annotations.NullMarked;
