// Round numbers along an axis.

const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
].map((seconds) => seconds * 1000);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function roundStep(span, wanted) {
  const rough = span / Math.max(wanted, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}

/** Ticks of an even axis. */
export function linear(min, max, wanted) {
  const step = roundStep(max - min || 1, wanted);
  const ticks = [];
  for (let index = Math.ceil(min / step - 1e-9); index * step <= max + step * 1e-9; index++) {
    ticks.push(index * step);
  }
  return ticks;
}

/** Ticks of times and of lengths of time, in milliseconds. */
export function times(min, max, wanted, ofDay) {
  const step = TIME_STEPS.find((one) => one * wanted >= max - min) ?? roundStep(max - min, wanted);
  const shift = ofDay ? new Date(min).getTimezoneOffset() * 60000 : 0;
  const ticks = [];
  for (let at = Math.ceil((min - shift) / step) * step + shift; at <= max; at += step) {
    ticks.push(at);
  }
  return {ticks, step};
}

/** Ticks of a logarithmic axis: powers of ten, with 2 and 5 between where there is room. */
export function logarithmic(min, max, wanted) {
  const low = Math.floor(Math.log10(min));
  const high = Math.ceil(Math.log10(max));
  const stride = Math.max(1, Math.ceil((high - low) / wanted));
  const factors = stride === 1 && (high - low) * 2 <= wanted ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = low; power <= high; power += stride) {
    for (const factor of factors) {
      const tick = factor * 10 ** power;
      if (tick >= min * 0.999 && tick <= max * 1.001) {
        ticks.push(tick);
      }
    }
  }
  return ticks.length >= 2 ? ticks : linear(min, max, wanted).filter((tick) => tick > 0);
}

/** A label of a tick on the horizontal axis. */
export function label(axis, value, step) {
  if (axis === 'time') {
    const date = new Date(value);
    const two = (part) => String(part).padStart(2, '0');
    // Hours alone would not say of which day: each day begins with its date.
    if (step >= 86400000 || (step >= 3600000 && date.getHours() === 0 && date.getMinutes() === 0)) {
      return `${MONTHS[date.getMonth()]} ${date.getDate()}`;
    }
    const hours = `${two(date.getHours())}:${two(date.getMinutes())}`;
    return step < 60000 ? `${hours}:${two(date.getSeconds())}` : hours;
  }
  if (axis === 'relative') {
    const sign = value < 0 ? '−' : '';
    const seconds = Math.round(Math.abs(value) / 1000);
    if (step < 60000) {
      return seconds < 60 ? `${sign}${seconds} s` : `${sign}${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    }
    const minutes = Math.round(seconds / 60);
    return step < 3600000 && minutes < 120
      ? `${sign}${minutes} min`
      : `${sign}${Math.floor(minutes / 60)}${minutes % 60 ? ':' + String(minutes % 60).padStart(2, '0') : ''} h`;
  }
  const size = Math.abs(value);
  if (size >= 1e6) {
    return `${Number((value / 1e6).toPrecision(4))} M`;
  }
  return size >= 1e4 ? `${Number((value / 1e3).toPrecision(4))} k` : String(Number(value.toPrecision(6))).replace('-', '−');
}
