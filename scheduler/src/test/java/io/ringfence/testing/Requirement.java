package io.ringfence.testing;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

/** What tests need of their host: without it they are skipped aloud, or fail where CI=true. */
public final class Requirement {
    private Requirement() {}

    /** For what CI has to have. */
    public static void of(boolean met, String what) {
        of(met, what, inCi());
    }

    static void of(boolean met, String what, boolean mustRun) {
        if (!met && mustRun) {
            throw new AssertionError(unmet(caller(), what));
        }
        ofKernel(met, what);
    }

    /** For how the kernel was built, started and set up, which CI has to take as it comes: skipped aloud there, too. */
    public static void ofKernel(boolean met, String what) {
        if (!met) {
            Assumptions.abort(skipped(caller(), what));
        }
    }

    /** For conditions of JUnit: whether tests are run, which they are if nothing was found that they lack. */
    public static ConditionEvaluationResult condition(String tests, List<String> lacking) {
        return condition(tests, lacking, inCi());
    }

    static ConditionEvaluationResult condition(String tests, List<String> lacking, boolean mustRun) {
        if (lacking.isEmpty()) {
            return ConditionEvaluationResult.enabled("nothing is lacking");
        }
        String what = String.join("; ", lacking);
        if (mustRun) {
            throw new IllegalStateException(unmet(tests, what));
        }
        return ConditionEvaluationResult.disabled(skipped(tests, what));
    }

    /** Whether the tests run as root, of whom the kernel asks for no capabilities. */
    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static boolean inCi() {
        return Boolean.parseBoolean(System.getenv("CI"));
    }

    private static String unmet(String tests, String what) {
        return "%s %s (CI=true: it must not be skipped)".formatted(tests, what);
    }

    private static String skipped(String tests, String what) {
        String reason = "SKIPPED: %s %s".formatted(tests, what);
        System.err.println(reason);
        return reason;
    }

    /** The test that asks, which may do so through a helper. */
    private static String caller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().matches(".*(Test|IT)"))
                        .findFirst()
                        .map(frame -> (frame.getClassName() + "." + frame.getMethodName())
                                .replaceAll("^.*\\.(?=\\w+\\.)|lambda\\$|\\$\\d+$", ""))
                        .orElse("a test"));
    }
}
