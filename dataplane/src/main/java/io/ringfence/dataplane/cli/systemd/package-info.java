/** What the service manager is told: the protocol of sd_notify(3). */
@NullMarked
package io.ringfence.dataplane.cli.systemd;

import org.jspecify.annotations.NullMarked;
