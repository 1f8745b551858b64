package io.ringfence.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The options that every JVM of Ringfence is started with, on a host with digits of its own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JvmOptionsTest {
    private static final String DEFAULT_LOCALE = "default locale = ";

    @Test
    void shouldWriteNumbersAsInEnglishWhenTheEnvironmentAsksForAnotherLocale() throws Exception {
        assertThat(localeWith())
                .as("the environment is heeded")
                .contains(DEFAULT_LOCALE)
                .doesNotContain(DEFAULT_LOCALE + "English");
        assertThat(localeWith("@" + Path.of(System.getProperty("ringfence.root"), "jvm.options")))
                .contains(DEFAULT_LOCALE + "English");
    }

    private static String localeWith(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-XshowSettings:locale", "-version"));
        ProcessBuilder java = new ProcessBuilder(command).redirectErrorStream(true);
        java.environment().put("JAVA_TOOL_OPTIONS", "-Duser.language=fa -Duser.country=IR");
        Process process = java.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
