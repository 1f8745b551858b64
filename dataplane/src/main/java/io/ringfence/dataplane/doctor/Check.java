package io.ringfence.dataplane.doctor;

import java.util.function.Function;

/** One question to a host. */
record Check(String subject, Function<Host, Finding> look) {
    Finding of(Host host) {
        return look.apply(host).about(subject);
    }
}
