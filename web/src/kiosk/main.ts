import { residentDefaults } from '../ui/display'
import { startPage } from '../ui/page'
import KioskPage from './KioskPage.vue'

residentDefaults()
startPage(KioskPage, 'kiosk', 'start.kiosk')
