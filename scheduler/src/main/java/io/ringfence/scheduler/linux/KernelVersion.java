package io.ringfence.scheduler.linux;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of a kernel, with which its release begins: {@code /proc/sys/kernel/osrelease}. */
public record KernelVersion(int major, int minor) {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,3})\\.(\\d{1,3}).*", Pattern.DOTALL);

    /** The version in a release such as {@code 6.12.1-amd64}; empty if there is none. */
    public static Optional<KernelVersion> parse(String release) {
        Matcher matcher = RELEASE.matcher(release);
        return matcher.matches()
                ? Optional.of(new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    /** Whether this is older than another. */
    public boolean isBefore(int otherMajor, int otherMinor) {
        return major < otherMajor || (major == otherMajor && minor < otherMinor);
    }
}
