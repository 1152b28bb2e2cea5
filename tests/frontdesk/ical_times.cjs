// Reads an iCalendar text and says, of each entry, what ical.js makes of it. Zones are those that
// the text itself defines: ical.js knows no others.
const ICAL = require("ical.js");
const text = require("fs").readFileSync(0, "utf8");

const calendar = new ICAL.Component(ICAL.parse(text));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(zone);
}
const entries = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
    sequence: event.sequence,
    status: component.getFirstPropertyValue("status"),
    summary: event.summary,
  };
});
console.log(JSON.stringify(entries));
