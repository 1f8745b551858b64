package io.ringfence.interop;

import io.ringfence.bench.peer.Peer;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips the tests, loudly, where a peer is not installed or the user is not root; fails them instead in a CI run
 * ({@code CI=true}).
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresPeersCondition.class)
@interface RequiresPeers {
    Peer[] value();
}
