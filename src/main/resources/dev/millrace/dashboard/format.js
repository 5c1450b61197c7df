// Numbers and times as people read them.

const SMALL = 1e-4;
const LARGE = 1e7;

/** As the charts of files and reports write it; powers of ten shorter, since columns are narrow here. */
export function number(value, digits = 4) {
  if (value === null || value === undefined) {
    return '–';
  }
  if (value === 0) {
    return '0';
  }
  const size = Math.abs(value);
  if (size < SMALL || size >= LARGE) {
    return minus(value.toExponential(Math.max(digits - 2, 1)).replace(/\.?0*e\+?/, 'e'));
  }
  return minus(size >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(digits))));
}

function minus(words) {
  return words.replaceAll('-', '−');
}

export function signed(value) {
  return value === null ? '–' : (value > 0 ? '+' : value < 0 ? '−' : '±') + number(Math.abs(value), 3);
}

/** Steps and other counts in full, thousands apart. */
export function count(value) {
  return value === null || value === undefined || value < 0 ? '–' : Math.round(value).toLocaleString('en-US');
}

/** A length of time in its two largest units. */
export function duration(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

export function age(millis) {
  return millis < 5000 ? 'now' : duration(millis).split(' ').slice(0, 2).join(' ');
}

export function clock(millis, withSeconds = true) {
  const date = new Date(millis);
  const two = (part) => String(part).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return withSeconds ? `${time}:${two(date.getSeconds())}` : time;
}

export function moment(millis) {
  const date = new Date(millis);
  const two = (part) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(millis)}`;
}

/** A place on the horizontal axis; a time of longer ago with its day. */
export function place(axis, value, now = Date.now()) {
  switch (axis) {
    case 'time': return now - value < 43200000 && now >= value ? clock(value) : moment(value);
    case 'relative': return duration(value);
    case 'epoch': return `epoch ${number(value, 4)}`;
    default: return `step ${count(value)}`;
  }
}
