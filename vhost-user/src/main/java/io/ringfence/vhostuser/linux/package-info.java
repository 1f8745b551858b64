/** The system calls behind this library; nobody outside it calls them. */
@NullMarked
package io.ringfence.vhostuser.linux;

import org.jspecify.annotations.NullMarked;
