package io.ringfence.dataplane.cli.output;

/** What the exit codes of every command mean; scripts depend on them. */
public final class ExitCode {
    /** Done. */
    public static final int DONE = 0;
    /** Anything that no other code stands for. */
    public static final int FAILED = 1;
    /** The command line or the configuration is wrong; nothing was started. */
    public static final int BAD_INPUT = 2;
    /** The host cannot give what the configuration asks for; nothing runs. */
    public static final int HOST_REFUSES = 3;

    private ExitCode() {}
}
