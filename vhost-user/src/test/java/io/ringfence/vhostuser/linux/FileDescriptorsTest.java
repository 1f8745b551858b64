package io.ringfence.vhostuser.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FileDescriptorsTest {
    @Test
    void shouldNotWaitWhenADescriptorIsSlowToClose() throws Exception {
        try (LingeringSocket slow = LingeringSocket.open()) {
            FileDescriptors received = new FileDescriptors();
            received.add(slow.fd());
            long start = System.nanoTime();

            received.close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LingeringSocket.SOON);
            assertThat(received.count()).isZero();
        }
    }
}
