// Draws PLOTS with uPlot, in the colours of the page; again when the reader changes them or the width.
(() => {
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const format = value => value == null ? "–" : Number(value.toPrecision(3)).toLocaleString("en");
  const time = us => us == null ? "–" : us >= 1e6 ? format(us / 1e6) + " s" : us >= 1e3 ? format(us / 1e3) + " ms" : format(us) + " us";
  const percentile = x => x == null ? "–" : "p" + Number((100 - 100 / x).toPrecision(Math.max(3, Math.round(Math.log10(x)) + 2)));

  function mark(plot) {
    return u => {
      if (plot.markAt == null) return;
      const x = Math.round(u.valToPos(plot.markAt, "x", true));
      const ctx = u.ctx;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour("--accent");
      ctx.lineWidth = 2 * devicePixelRatio;
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
      ctx.textAlign = "left";
      ctx.font = 12 * devicePixelRatio + "px system-ui, sans-serif";
      ctx.fillText(plot.mark, x + 6 * devicePixelRatio, u.bbox.top + 14 * devicePixelRatio);
      ctx.restore();
    };
  }

  // With the colours, for those who do not see all of them.
  const DASHES = [[], [10, 4], [3, 3], [10, 3, 3, 3]];

  // Where a course has neither a point before nor one after, no line shows it.
  const alone = (u, i) => [...u.data[i].keys()].filter(k => u.data[i][k] != null && u.data[i][k - 1] == null && u.data[i][k + 1] == null);

  // A course has two lines for each run, p50 and p99, in the same colour; frames that were lost are not to be drawn over.
  function series(plot, i) {
    const course = plot.kind === "course";
    const faint = course && i % 2;
    const line = course ? Math.floor(i / 2) : i;
    const stroke = colour("--series-" + line % 8);
    return {
      label: plot.labels[i], stroke, width: faint ? 1 : 2, alpha: faint ? 0.5 : 1,
      dash: DASHES[line % DASHES.length], points: course ? { show: false, filter: alone } : { show: plot.kind === "graph" }, spanGaps: !course, value: (u, v) => plot.kind === "graph" ? format(v) : time(v),
    };
  }

  function draw(div) {
    const plot = PLOTS[div.dataset.plot];
    const curves = plot.kind === "curves";
    const graph = plot.kind === "graph";
    const axis = {
      stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 },
    };
    div.replaceChildren();
    new uPlot({
      width: div.clientWidth, height: 340, padding: [null, 28, null, null],
      cursor: { points: { size: 6 } },
      scales: {
        x: graph ? { time: false, distr: 3, range: (u, min, max) => [min * 0.9, max * 1.1] } : curves ? { time: false, distr: 3 } : { time: false },
        y: graph ? { range: (u, min, max) => [0, max * 1.05 || 1] } : { distr: 3 },
      },
      axes: [
        curves
          ? { ...axis, values: (u, splits) => splits.map(x => x === 1 ? "min" : x === 2 || Math.log10(x) % 1 === 0 ? percentile(x) : "") }
          : graph
            ? { ...axis, splits: () => plot.columns[0], filter: (u, splits) => splits, values: (u, splits) => splits.map(format) }
            : { ...axis, values: (u, splits) => splits.map(s => format(s) + " s") },
        graph ? { ...axis, size: 64 } : { ...axis, size: 64, values: (u, splits) => splits.map(v => Math.log10(v) % 1 === 0 ? time(v) : "") },
      ],
      series: [
        graph ? { label: plot.mark, value: (u, v) => format(v) } : { label: curves ? "percentile" : "time", value: (u, v) => curves ? percentile(v) : v == null ? "–" : v.toFixed(3) + " s" },
        ...plot.labels.map((label, i) => series(plot, i)),
      ],
      hooks: { draw: [mark(plot)] },
    }, plot.columns, div);
  }

  const drawAll = () => document.querySelectorAll(".plot").forEach(draw);
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  let resized;
  addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(drawAll, 150); });
})();
