/** What the tests of all modules share: how they wait, and what they need of the host. */
@NullMarked
package io.ringfence.testing;

import org.jspecify.annotations.NullMarked;
