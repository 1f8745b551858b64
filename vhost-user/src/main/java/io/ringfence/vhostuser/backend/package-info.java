/** The back-end role: listening, connecting, and one session state machine per front-end. */
@NullMarked
package io.ringfence.vhostuser.backend;

import org.jspecify.annotations.NullMarked;
