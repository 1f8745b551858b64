package io.ringfence.bench.calibrate;

import io.ringfence.bench.calibrate.VisitShape.Layout;
import io.ringfence.bench.calibrate.VisitShape.Work;
import java.util.List;
import java.util.stream.Stream;

/**
 * The visits that are measured: enough to tell visit, frame, descriptor and byte apart, and those that are predicted as a
 * check. None holds more than a batch (64 frames, 512 descriptors) or a handoff (64 KiB).
 */
final class Shapes {
    private static final int SHORT = 60;
    private static final int LONG = 1514;

    private Shapes() {}

    /** Those that the costs are fitted to. */
    static List<VisitShape> fitted() {
        return Stream.concat(of(Work.DELIVER, 64), of(Work.DRAIN, 32)).toList();
    }

    private static Stream<VisitShape> of(Work work, int many) {
        return Stream.of(
                new VisitShape(work, 1, SHORT, Layout.PLAIN),
                new VisitShape(work, 1, LONG, Layout.PLAIN),
                new VisitShape(work, 8, SHORT, Layout.PLAIN),
                new VisitShape(work, many, SHORT, Layout.PLAIN),
                new VisitShape(work, many, LONG, Layout.PLAIN),
                new VisitShape(work, 16, 512, Layout.PLAIN),
                new VisitShape(work, 16, SHORT, Layout.chain(2)),
                new VisitShape(work, many, LONG, Layout.chain(2)),
                new VisitShape(work, 8, SHORT, Layout.indirect(4)),
                new VisitShape(work, many, LONG, Layout.indirect(4)),
                new VisitShape(work, 4, LONG, Layout.indirect(16)),
                new VisitShape(work, 32, 512, Layout.indirect(16)));
    }

    /** Those that are predicted and measured as a check; nothing is fitted to them. */
    static List<VisitShape> predicted() {
        return List.of(
                new VisitShape(Work.DELIVER, 20, 300, Layout.chain(3)),
                new VisitShape(Work.DRAIN, 20, 300, Layout.chain(3)),
                new VisitShape(Work.HAND_OFF, 1, SHORT, Layout.PLAIN),
                new VisitShape(Work.HAND_OFF, 20, 300, Layout.chain(3)),
                new VisitShape(Work.HAND_OFF, 32, LONG, Layout.PLAIN));
    }
}
