package io.ringfence.dataplane.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RareFramesTest {
    private static final int BURSTS = 500;
    private static final int BURST = 8;
    private static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.NET_MRG_RXBUF;
    private static final QueueOptions ROOMY = QueueOptions.ofSize(256).withBufferLength(1 << 14);

    /** Sends frames from a guest with offloads to one without; what the sender's worker counted. */
    private static long count(Counter counter) throws IOException {
        try (var sender = new SyntheticGuest(ROOMY, ROOMY, FEATURES | Features.NET_OFFLOADS);
                var receiver = new SyntheticGuest(ROOMY, ROOMY, FEATURES);
                var third = new SyntheticGuest(ROOMY, ROOMY, FEATURES);
                var lan = Lan.of(3)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            lan.port(2).configure(third.state());
            var rare = new RareFrames();
            for (int i = 0; i < BURSTS; i++) {
                sender.offer(BURST, rare, WarmUpLan.address(0), WarmUpLan.address(1), WarmUpLan.address(0));
                lan.visit(0);
                receiver.take(Integer.MAX_VALUE);
                third.take(Integer.MAX_VALUE);
            }
            return lan.count(0, counter);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Counter.class,
            names = {
                "DROPPED_RUNT",
                "DROPPED_BAD_OFFLOAD",
                "DROPPED_OVERSIZE",
                "DROPPED_TO_SELF",
                "SOFTWARE_CHECKSUMS",
                "SOFTWARE_SEGMENTED_FRAMES"
            })
    void shouldTakeEachRareWayThroughTheSwitchWhenItWarmsUp(Counter way) throws IOException {
        assertThat(count(way)).isGreaterThan(BURSTS * BURST / 1000);
    }

    @Test
    void shouldBeTheSameEachTime() throws IOException {
        assertThat(count(Counter.DROPPED_BAD_OFFLOAD)).isEqualTo(count(Counter.DROPPED_BAD_OFFLOAD));
    }
}
