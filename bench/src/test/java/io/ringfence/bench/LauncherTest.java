package io.ringfence.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout that is built already, with a JDK that only says what it was called with. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherTest {
    @TempDir
    private Path folder;

    private Path root;
    private Path jdk;

    @BeforeEach
    void makeCheckout() throws IOException {
        root = Files.createDirectories(folder.resolve("checkout"));
        Files.createDirectories(root.resolve("bench/src/main"));
        Files.createFile(root.resolve("pom.xml"));
        Files.createFile(root.resolve("bench/pom.xml"));
        Files.copy(Path.of(System.getProperty("ringfence.root"), "ringfence"), root.resolve("ringfence"));
        Files.createDirectories(root.resolve("bench/target/app"));
        Files.createFile(root.resolve("bench/target/app/ringfence-bench-1.jar"));
        jdk = Files.createDirectories(folder.resolve("jdk"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"java $*\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }

    /** As systemd starts a unit without {@code User=}. */
    @Test
    void shouldStartJavaWhenThereIsNoHome() throws Exception {
        ProcessBuilder launcher =
                new ProcessBuilder("bash", root.resolve("ringfence").toString(), "--version").redirectErrorStream(true);
        launcher.environment().clear();
        launcher.environment().putAll(Map.of("PATH", System.getenv("PATH"), "JAVA_HOME", jdk.toString()));
        Process process = launcher.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(said).startsWith("java ").endsWith("io.ringfence.dataplane.cli.Ringfence --version\n");
        assertThat(process.waitFor()).isZero();
    }
}
