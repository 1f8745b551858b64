package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What this host's kernel keeps at a group of version 2. */
class CgroupNotesTest {
    @Test
    void shouldKeepANoteAtAGroupAsLongAsThereIsTheGroup() throws Exception {
        List<Mount> mounts = Mount.parse(Files.readString(Path.of("/proc/self/mountinfo")));
        Optional<Mount> unified = mounts.stream()
                .filter(mount -> mount.type().equals("cgroup2") && Files.isWritable(mount.point()))
                .findFirst();
        Requirement.ofKernel(unified.isPresent(), "needs root and cgroup version 2");
        CgroupFiles files = new CgroupFiles(unified.orElseThrow().point());
        Path group = files.root().resolve("ringfence-notes-test");
        files.create(group);
        try {
            assertThat(files.noted(group, "ringfence.test")).isEmpty();
            files.note(group, "ringfence.test", "a.slice\na.slice/b.service");
            assertThat(files.noted(group, "ringfence.test")).contains("a.slice\na.slice/b.service");
        } finally {
            files.remove(group);
        }
        assertThat(files.noted(group, "ringfence.test")).isEmpty();
    }
}
