package io.ringfence.bench.calibrate;

/** Measures visits of one shape. Its methods are for the thread of the worker's code. */
final class VisitProbe {
    private final VisitShape shape;
    private final GuestPair guests;
    private final Neighbour neighbour;
    private final WorkerRound round;
    private final Stopwatch stopwatch;
    private final Samples samples = new Samples();
    private final Runnable preparation;

    VisitProbe(VisitShape shape, GuestPair guests, Neighbour neighbour, Stopwatch stopwatch) {
        this.shape = shape;
        this.guests = guests;
        this.neighbour = neighbour;
        this.stopwatch = stopwatch;
        round = shape.transmits() ? guests.senderRound() : guests.receiverRound();
        preparation = this::prepare;
    }

    /** Guests' CPU. */
    private void prepare() {
        guests.collect();
        guests.offer(shape.frames(), shape.lengthBytes());
        neighbour.prepare();
    }

    /** Measures one visit, after the neighbour's; all frames have then arrived. */
    void measure(GuestThread guestThread) {
        guestThread.begin(preparation);
        boolean evicted = shape.work() == VisitShape.Work.DELIVER;
        if (evicted) {
            neighbour.evict(); // while the guests are at work
        }
        guestThread.await();
        if (!evicted) {
            guests.keepFromReceiving();
            if (shape.work() == VisitShape.Work.DRAIN) {
                guests.settleSender();
                guests.letReceive();
            }
            neighbour.evict();
        }
        neighbour.forward();
        round.beginPeriod();
        long start = stopwatch.start();
        round.run(start);
        samples.add(stopwatch.stop());
        if (shape.work() == VisitShape.Work.HAND_OFF) {
            guests.letReceive();
        }
        guests.settle();
    }

    /** Forgets what was measured so far. */
    void forget() {
        samples.clear();
    }

    /** How many visits were measured. */
    int count() {
        return samples.count();
    }

    /** What they cost. */
    MeasuredVisit result() {
        return new MeasuredVisit(shape, samples.distribution());
    }
}
