package io.ringfence.dataplane.control;

import java.util.List;

/** A configuration that cannot take the place of the running one; the message says why, a line for each reason. */
public final class ReloadRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    ReloadRefusedException(List<String> reasons) {
        super(String.join("\n", reasons));
    }
}
