package io.ringfence.dataplane.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuVersionTest {
    @Test
    void shouldAskTheProgramForItsVersion(@TempDir Path folder) throws IOException {
        Path program = Files.writeString(
                folder.resolve("qemu"), "#!/bin/sh\necho 'QEMU emulator version 7.2.19 (Debian 1:7.2+dfsg-7)'\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();

        assertThat(QemuVersion.of(program.toString())).isEqualTo(new QemuVersion(7, 2));
    }

    @Test
    void shouldTakeARecentOneWhenThereIsNoProgram() {
        assertThat(QemuVersion.of("no-such-program").reconnect()).isEqualTo("reconnect-ms=1000");
    }
}
