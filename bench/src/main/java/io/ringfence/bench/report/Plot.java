package io.ringfence.bench.report;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a page's script draws, as it reads it: points of several lines over a common axis.
 *
 * @param kind how it is drawn: {@code curves}, {@code course} or {@code graph}
 * @param labels one for each line
 * @param columns the axis, then each line; null where it has no point
 * @param markAt where on the axis something happened, if anything did
 * @param mark what that was; of a graph, what its axis is
 */
record Plot(
        String kind,
        List<String> labels,
        List<List<Double>> columns,
        @Nullable Double markAt,
        String mark) {
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double MOST_NINES = 1e6;

    /** Latency by percentile. */
    static Plot of(Block.Curves curves) {
        List<Double> nines = new ArrayList<>();
        for (double x = 1; x <= MOST_NINES; x *= Math.pow(10, 1 / 20.0)) {
            nines.add(x);
        }
        List<List<Double>> columns = new ArrayList<>(List.of(nines));
        for (Block.Curve curve : curves.curves()) {
            columns.add(nines.stream().map(x -> micros(curve.nanoseconds(), x)).toList());
        }
        List<String> labels = curves.curves().stream().map(Block.Curve::label).toList();
        return new Plot("curves", labels, columns, null, "");
    }

    /** The latency that one of {@code x} frames exceeds, or null if there were too few frames to tell. */
    private static @Nullable Double micros(Histogram nanoseconds, double x) {
        return nanoseconds.getTotalCount() < x
                ? null
                : nanoseconds.getValueAtPercentile(100 - 100 / x) / NANOS_PER_MICRO;
    }

    /** Latency by the time of departure. */
    static Plot of(Block.Course course) {
        List<Double> times = course.lines().stream()
                .flatMap(line -> line.slices().stream())
                .map(Slice::fromSeconds)
                .distinct()
                .sorted()
                .toList();
        List<String> labels = new ArrayList<>();
        List<List<Double>> columns = new ArrayList<>(List.of(times));
        for (Block.Line line : course.lines()) {
            labels.add(line.label() + " p50");
            columns.add(points(times, line.slices(), false));
            labels.add(line.label() + " p99");
            columns.add(points(times, line.slices(), true));
        }
        @Nullable
        Double mark = course.markSeconds().isPresent() ? course.markSeconds().getAsDouble() : null;
        return new Plot("course", labels, columns, mark, course.mark());
    }

    /** A figure by a parameter. */
    static Plot of(Block.Graph graph) {
        List<Double> parameters = graph.traces().stream()
                .flatMap(trace -> trace.points().stream())
                .map(Block.Point::parameter)
                .distinct()
                .sorted()
                .toList();
        List<List<Double>> columns = new ArrayList<>(List.of(parameters));
        for (Block.Trace trace : graph.traces()) {
            Map<Double, Double> values = new HashMap<>();
            trace.points().stream()
                    .filter(point -> Double.isFinite(point.value()))
                    .forEach(point -> values.put(point.parameter(), point.value()));
            columns.add(parameters.stream().map(values::get).toList());
        }
        List<String> labels = graph.traces().stream().map(Block.Trace::label).toList();
        return new Plot("graph", labels, columns, null, graph.parameter());
    }

    /** At these times; null where there is none, or it has no end. */
    private static List<Double> points(List<Double> times, List<Slice> slices, boolean p99) {
        List<Double> points = new ArrayList<>(times.size());
        int next = 0;
        for (double time : times) {
            boolean there = next < slices.size() && slices.get(next).fromSeconds() == time;
            @Nullable Slice slice = there ? slices.get(next++) : null;
            double nanos = slice == null ? Double.NaN : p99 ? slice.p99Nanos() : slice.p50Nanos();
            points.add(Double.isFinite(nanos) ? nanos / NANOS_PER_MICRO : null);
        }
        return points;
    }
}
