package io.ringfence.dataplane.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A release of QEMU, which decides how arguments are spelled. */
public record QemuVersion(int major, int minor) {
    /** For where none is installed: that knows what later ones have. */
    private static final QemuVersion RECENT = new QemuVersion(10, 2);

    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\.\\d+)*");
    private static final long ANSWER_SECONDS = 5;

    /** Reads what the user gives. */
    public static final class Converter implements ITypeConverter<QemuVersion> {
        @Override
        public QemuVersion convert(String text) {
            Matcher numbers = NUMBERS.matcher(text);
            if (!numbers.matches()) {
                throw new TypeConversionException("found `" + text + "`; expected a version such as 7.2");
            }
            return of(numbers);
        }
    }

    private static QemuVersion of(Matcher numbers) {
        return new QemuVersion(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }

    /** What {@code qemu-system-x86_64} on the PATH says it is; a recent one if it says nothing. */
    public static QemuVersion installed() {
        return of("qemu-system-x86_64");
    }

    static QemuVersion of(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return RECENT;
            }
            Matcher numbers =
                    NUMBERS.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return process.exitValue() == 0 && numbers.find() ? of(numbers) : RECENT;
        } catch (IOException notThere) {
            return RECENT;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return RECENT;
        }
    }

    /** How a character device reconnects after a second: QEMU 9.2 deprecated the first spelling, 10.2 removed it. */
    String reconnect() {
        return major > 9 || (major == 9 && minor >= 2) ? "reconnect-ms=1000" : "reconnect=1";
    }
}
