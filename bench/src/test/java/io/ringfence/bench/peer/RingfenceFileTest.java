package io.ringfence.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RingfenceFileTest {
    @Test
    void shouldWriteEveryVmAndEachNetworkOnce() {
        var runtime = Duration.ofNanos(440_000);
        var period = Duration.ofMillis(1);

        String text = RingfenceFile.forCpu(1, 1504)
                .vm("a", Path.of("/s/a"), RingfenceFile.Role.SERVER, "blue", "52:54:00:00:00:01", runtime, period)
                .vm("b", Path.of("/s/b"), RingfenceFile.Role.CLIENT, "blue", "52:54:00:00:00:02", runtime, period)
                .limit("rate: 1Mpps")
                .workers(2)
                .scheduling("other")
                .sleeping()
                .text();

        assertThat(text).isEqualTo("""
                host:
                  cpus: [1]
                  scheduling: other
                  idle: sleep
                networks:
                  - { name: blue, mtu: 1504 }
                vms:
                  - name: a
                    socket: /s/a
                    role: server
                    network: blue
                    mac: 52:54:00:00:00:01
                    reservation: { runtime: 440us, period: 1000us }
                  - name: b
                    socket: /s/b
                    role: client
                    network: blue
                    mac: 52:54:00:00:00:02
                    reservation: { runtime: 440us, period: 1000us }
                    limit: { rate: 1Mpps }
                    workers: 2
                """);
    }
}
