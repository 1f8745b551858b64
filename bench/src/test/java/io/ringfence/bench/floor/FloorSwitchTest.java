package io.ringfence.bench.floor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FloorSwitchTest {
    @TempDir
    private Path folder;

    @Test
    void shouldLeaveNothingBehindWhenASocketCannotBeMade() throws IOException {
        Path socket = folder.resolve("a.sock");
        Path impossible = folder.resolve("nowhere/b.sock");
        assertThatThrownBy(() -> FloorSwitch.open(List.of(socket, impossible), OptionalInt.empty()))
                .isInstanceOf(IOException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("floor");
        assertThat(socket).doesNotExist();
        FloorSwitch.open(List.of(socket, folder.resolve("b.sock")), OptionalInt.empty())
                .close();
    }
}
